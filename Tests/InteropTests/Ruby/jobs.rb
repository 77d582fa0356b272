# frozen_string_literal: true

# The jobs of wingman-load that a Ruby worker must be able to run: `sidekiq -r jobs.rb`.

require_relative "connection"

class NoOp
  include Sidekiq::Worker

  def perform(*); end
end

class Record
  include Sidekiq::Worker

  # Appends the line by one write, as wingman-load's job of that name does.
  def perform(path, line, milliseconds = nil)
    sleep(milliseconds / 1000.0) if milliseconds
    File.open(path, File::WRONLY | File::APPEND | File::CREAT) { |file| file.syswrite("#{line}\n") }
  end
end

class Fail
  include Sidekiq::Worker

  def perform(message)
    raise ArgumentError, message
  end
end

class Sleep
  include Sidekiq::Worker

  def perform(milliseconds)
    sleep(milliseconds / 1000.0)
  end
end

class Spin
  include Sidekiq::Worker

  def perform(milliseconds)
    finish = Process.clock_gettime(Process::CLOCK_MONOTONIC) + (milliseconds / 1000.0)
    nil while Process.clock_gettime(Process::CLOCK_MONOTONIC) < finish
  end
end
