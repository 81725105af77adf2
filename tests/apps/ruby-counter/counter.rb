#!/usr/bin/env ruby
require "json"
require_relative "lib/words"

out = ENV.fetch("COUNTER_OUT")
counts = Words.count(File.read(File.join(__dir__, "text.txt")))
File.write(out, JSON.generate(counts))
puts counts.sort.map { |word, number| "#{word}: #{number}" }
