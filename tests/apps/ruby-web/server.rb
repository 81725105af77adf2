require "erb"
require "socket"

page = ERB.new(File.read("views/index.erb"))
server = TCPServer.new("0.0.0.0", 4567)
trap("TERM") { exit }
loop do
  client = server.accept
  nil while (line = client.gets) && line != "\r\n"
  fruits = %w[apple pear]
  body = page.result(binding)
  client.write "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: #{body.bytesize}\r\n\r\n#{body}"
  client.close
end
