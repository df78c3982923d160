require "socket"
server = TCPServer.new("0.0.0.0", Integer(ENV.fetch("PORT")))
loop do
  client = server.accept
  nil until client.gets.to_s.strip.empty?
  body = "Ruby #{RUBY_VERSION[/\d+\.\d+/]} says hello, #{Encoding.default_external}\n"
  client.write "HTTP/1.1 200 OK\r\ncontent-length: #{body.bytesize}\r\nconnection: close\r\n\r\n#{body}"
  client.close
end
