/** `config/database.yml` for ActiveRecord before 4.1, which does not know DATABASE_URL: ERB that reads it when the app starts. */
export const databaseYml = `<%
  require "uri"
  require "cgi"
  url = URI.parse(ENV["DATABASE_URL"].to_s) rescue raise("Invalid DATABASE_URL")
  environment = ENV["RAILS_ENV"] || ENV["RACK_ENV"] or raise "No RACK_ENV or RAILS_ENV found"
  settings = {
    "adapter" => url.scheme == "postgres" ? "postgresql" : url.scheme,
    "database" => url.path.to_s.split("/")[1],
    "username" => url.user && CGI.unescape(url.user),
    "password" => url.password && CGI.unescape(url.password),
    "host" => url.host,
    "port" => url.port,
  }
  CGI.parse(url.query.to_s).each { |key, values| settings[key] = values.first }
%>
<%= environment %>:
<% settings.each do |key, value| %><% next if value.nil? %>
  <%= key %>: <%= value.to_s.inspect %>
<% end %>
`
