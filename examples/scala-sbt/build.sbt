name := "hello"
scalaVersion := "2.13.16"
enablePlugins(JavaAppPackaging)
