# ruby: hashes, garbage collection, threads, a fork, an exception.
# shellcheck shell=sh disable=SC2016 # not for this shell

ruby -e 'h = {}; 50000.times { |i| h["key#{i}"] = [i] * 3 }; puts h.size, h["key77"].sum; GC.start; GC.compact
    puts 4.times.map { |n| Thread.new { (1..2000).map { |i| i.to_s * n }.join.size } }.map(&:value).inspect
    pid = fork { exit 3 }; Process.wait pid; puts $?.exitstatus; puts `echo from a pipe`
    begin; [1].fetch 9; rescue IndexError => e; puts e.message; end
    f = Fiber.new { 100.times { |i| Fiber.yield "x" * i } }; puts 100.times.map { f.resume.size }.sum; exit 4'
