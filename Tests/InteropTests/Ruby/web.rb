# frozen_string_literal: true

# Sidekiq's own web page, called without a server:
#
#   web.rb pages                     asks for every page, and prints {path: status} (an exception: its text)
#   web.rb body PAGE                 prints a page
#   web.rb press PAGE FIELD=VALUE…   presses a button: sends the page's form with its token, and prints the status

require_relative "connection"
require "rack/mock"
require "sidekiq/web"

# A plain hash does for the session that the forms' tokens need.
SESSION = {} # rubocop:disable Style/MutableConstant
PAGE = Rack::MockRequest.new(Sidekiq::Web)

def get(path)
  PAGE.get(path, "rack.session" => SESSION)
rescue StandardError => e
  Struct.new(:status, :body).new("#{e.class}: #{e.message}", "")
end

def press(path, fields)
  token = get(path).body[/name='authenticity_token' value='([^']+)'/, 1]
  PAGE.post(path, "rack.session" => SESSION, params: fields.merge("authenticity_token" => token)).status
end

# The page of each entry is named by its score and jid.
def entries(page, set)
  set.map { |entry| "/#{page}/#{entry.score}-#{entry.jid}" }
end

def all_pages
  %w[/ /busy /queues /retries /scheduled /morgue /stats /stats/queues] +
    ["/?days=7", "/?days=180"] +
    Sidekiq::Queue.all.flat_map { |queue| ["/queues/#{queue.name}", "/queues/#{queue.name}?direction=asc"] } +
    entries("retries", Sidekiq::RetrySet.new) +
    entries("scheduled", Sidekiq::ScheduledSet.new) +
    entries("morgue", Sidekiq::DeadSet.new)
end

action, page, *fields = ARGV
case action
when "pages" then puts JSON.generate(all_pages.to_h { |path| [path, get(path).status.to_s] })
when "body" then puts get(page).body
when "press" then puts press(page, fields.to_h { |field| field.split("=", 2) })
else abort "web.rb: unknown action: #{action}"
end
