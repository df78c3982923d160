import com.sun.net.httpserver.{HttpExchange, HttpServer}
import java.net.InetSocketAddress

object Web extends App {
  private val body = s"Scala ${util.Properties.versionNumberString} says hello\n".getBytes("UTF-8")
  private val server = HttpServer.create(new InetSocketAddress(sys.env("PORT").toInt), 0)
  server.createContext("/", (exchange: HttpExchange) => {
    exchange.sendResponseHeaders(200, body.length)
    exchange.getResponseBody.write(body)
    exchange.close()
  })
  server.start()
}
