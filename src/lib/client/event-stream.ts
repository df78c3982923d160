import type {Readable} from 'node:stream'

/** One event of a `text/event-stream`, or one line of a plain text, which has no id. */
export interface StreamEvent {
  id: string | undefined
  data: string
}

/** The events of a body as they arrive, or its lines when `contentType` is not an event stream. */
export async function* readEvents(body: Readable, contentType: string | undefined): AsyncGenerator<StreamEvent[]> {
  if (!contentType?.startsWith('text/event-stream')) {
    for await (const lines of readLines(body)) yield lines.map(data => ({id: undefined, data}))
    return
  }
  const parse = eventParser()
  for await (const lines of readLines(body)) {
    const events = lines.flatMap(line => parse(withoutReturn(line)))
    if (events.length > 0) yield events
  }
}

/** Takes the lines of an event stream one by one and answers the event that a line completes. An unfinished last event is dropped. */
function eventParser(): (line: string) => StreamEvent[] {
  let id: string | undefined
  let data: string[] = []
  return line => {
    if (line === '') {
      const done = data.length === 0 ? [] : [{id, data: data.join('\n')}]
      data = []
      return done
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) as unknown as [string, string, string]
    if (field === 'id') id = value
    if (field === 'data') data.push(value)
    return []
  }
}

/** Lines in the batches in which they arrive; the last one may lack its newline. */
async function* readLines(body: Readable): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk as Buffer, {stream: true})).split('\n')
    rest = lines.pop() as string
    if (lines.length > 0) yield lines
  }
  rest += decoder.decode()
  if (rest !== '') yield [rest]
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
