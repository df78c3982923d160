import type {ProcessTypes} from '../../../schema/resources.js'
import type {BuiltImage, Source} from '../buildpack.js'

const found = '.heroku/java/jar'

/** Shell lines after the build: the largest jar in target/, for `defaultWeb`. Nothing where the app has a Procfile or no known framework. */
export async function noteJar(source: Source): Promise<string[]> {
  if (source.has('Procfile') || (await portProperty(source)) === undefined) return []
  return [
    'jar=$(find target -maxdepth 1 -name "*.jar" -type f -exec ls -S {} + | sed -n 1p)',
    `if [ -n "$jar" ]; then mkdir -p .heroku/java; printf %s "$jar" > ${found}; fi`,
  ]
}

/** Heroku's commands for Quarkus, Spring Boot, WildFly Swarm and Micronaut, in this order. */
export async function defaultWeb(source: Source, image: BuiltImage): Promise<ProcessTypes> {
  if (source.has('Procfile')) return {}
  if (await names(source, '<groupId>io.quarkus'))
    return {web: 'java -Dquarkus.http.port=$PORT $JAVA_OPTS -jar target/quarkus-app/quarkus-run.jar'}
  const property = await portProperty(source)
  const jar = property === undefined ? undefined : await image.text(`/app/${found}`)
  return jar === undefined ? {} : {web: `java -D${property}=$PORT $JAVA_OPTS -jar ${jar}`}
}

/** The system property that a framework with a jar of its own takes its port from. */
async function portProperty(source: Source): Promise<string | undefined> {
  if (await names(source, '<groupId>io.quarkus')) return undefined
  if ((await names(source, '<groupId>org.springframework.boot')) && (await names(source, '<artifactId>spring-boot'))) return 'server.port'
  if (await names(source, '<groupId>org.wildfly.swarm')) return 'swarm.http.port'
  return (await names(source, '<groupId>io.micronaut')) ? 'micronaut.server.port' : undefined
}

async function names(source: Source, text: string): Promise<boolean> {
  return ((await source.text('pom.xml')) ?? '').includes(text)
}
