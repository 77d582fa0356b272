# frozen_string_literal: true

# Pushes jobs through Ruby's own client, by a line of JSON on standard input each:
#
#   {"how": "plain" | "bulk" | "in" | "at", "class": …, "args": […] (bulk: a list of them), "seconds": …, options…}
#
# and prints the jids, one a line.

require_relative "connection"

STDIN.each_line do |line|
  item = JSON.parse(line)
  how = item.delete("how")
  seconds = item.delete("seconds")
  jids =
    case how
    when "plain" then [Sidekiq::Client.push(item)]
    when "bulk" then Sidekiq::Client.push_bulk(item)
    when "at" then [Sidekiq::Client.push(item.merge("at" => Time.now.to_f + seconds))]
    when "in"
      # perform_in is a method of job classes: it is called on one that is named like the job in Swift.
      named = Class.new { include Sidekiq::Worker }
      Object.const_set(item["class"], named) unless Object.const_defined?(item["class"])
      [Object.const_get(item["class"]).set(item.except("class", "args")).perform_in(seconds, *item["args"])]
    else abort "push.rb: unknown way to push: #{how}"
    end
  puts jids
end
