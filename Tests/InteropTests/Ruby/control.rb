# frozen_string_literal: true

# Does what an operator does through Sidekiq's API:
#
#   control.rb quiet | stop                                     every process
#   control.rb retry | kill | delete | add_to_queue SET JID     an entry of the set retry, schedule or dead

require_relative "connection"

SETS = { "retry" => Sidekiq::RetrySet, "schedule" => Sidekiq::ScheduledSet, "dead" => Sidekiq::DeadSet }.freeze

action, set, jid = ARGV
case action
when "quiet" then Sidekiq::ProcessSet.new.each(&:quiet!)
when "stop" then Sidekiq::ProcessSet.new.each(&:stop!)
when "retry", "kill", "delete", "add_to_queue"
  job = SETS.fetch(set).new.find_job(jid) or abort "control.rb: no job #{jid} in #{set}"
  job.public_send(action)
else abort "control.rb: unknown action: #{action}"
end
