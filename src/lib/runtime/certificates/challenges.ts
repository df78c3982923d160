const prefix = '/.well-known/acme-challenge/'

/** What a certificate authority asks for under hosts of ours, to see that they are (ACME's http-01, RFC 8555 section 8.3). */
export class Challenges {
  private readonly answers = new Map<string, string>()

  set(token: string, answer: string): void {
    this.answers.set(token, answer)
  }

  delete(token: string): void {
    this.answers.delete(token)
  }

  /** What is to be answered to a request for that path; undefined when it is the app's own business. */
  answerTo(path: string | undefined): string | undefined {
    return path?.startsWith(prefix) ? this.answers.get(path.slice(prefix.length)) : undefined
  }
}
