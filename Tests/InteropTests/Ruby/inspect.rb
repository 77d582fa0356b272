# frozen_string_literal: true

# Prints all that Sidekiq's API sees, as one JSON object.

require_relative "connection"

def entry(entry)
  { jid: entry.jid, class: entry.klass, args: entry.args, queue: entry.queue, score: entry.score,
    item: entry.item, error: entry.error?, backtrace: entry.error_backtrace,
    created_at: entry.created_at.to_f, at: entry.at.to_f }
end

def process(process)
  keys = %w[hostname started_at pid tag concurrency queues labels identity busy beat quiet rss rtt_us]
  keys.to_h { |key| [key, process[key]] }.merge(stopping: process.stopping?)
end

stats = Sidekiq::Stats.new
history = Sidekiq::Stats::History.new(1)
processes = Sidekiq::ProcessSet.new

puts JSON.generate(
  retries: Sidekiq::RetrySet.new.map { |job| entry(job) },
  scheduled: Sidekiq::ScheduledSet.new.map { |job| entry(job) },
  dead: Sidekiq::DeadSet.new.map { |job| entry(job) },
  processes: processes.map { |item| process(item) },
  total_concurrency: processes.total_concurrency,
  total_rss_in_kb: processes.total_rss_in_kb,
  work: Sidekiq::Workers.new.map { |identity, tid, work| { identity: identity, tid: tid, work: work } },
  work_size: Sidekiq::Workers.new.size,
  queues: Sidekiq::Queue.all.to_h { |queue| [queue.name, queue.map(&:jid)] },
  stats: {
    processed: stats.processed, failed: stats.failed, enqueued: stats.enqueued, busy: stats.workers_size,
    processes: stats.processes_size, retries: stats.retry_size, scheduled: stats.scheduled_size, dead: stats.dead_size,
    processed_today: history.processed.values.sum, failed_today: history.failed.values.sum
  }
)
