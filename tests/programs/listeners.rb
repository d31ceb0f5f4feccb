listeners = []
finish = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 8
while Process.clock_gettime(Process::CLOCK_MONOTONIC) < finish
  100.times { |i| listeners << ("x" * 100 + i.to_s) }
  listeners.shift(100) if ARGV[0] == "flat" && listeners.size > 1000
  sleep 0.002
end
