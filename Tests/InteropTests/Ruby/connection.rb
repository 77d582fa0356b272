# frozen_string_literal: true

# Ruby's Sidekiq on the test's own Redis: every script here begins with this. REDIS_URL is read by Sidekiq itself.

require "json"
require "sidekiq"
require "sidekiq/api"

Redis.silence_deprecations = true # redis-rb 4.8 would warn at every push and every fetch
Sidekiq.logger.level = Logger::WARN
