/** A page of an add-on's server, as `GET /runtime/addons/:addon/page` tells it. */
export interface AddonPage {
  /** `http://127.0.0.1:32768/`: another port whenever the server's container is made anew. */
  url: string
  /** Whom it lets in; the password is in a config var. */
  user?: string
  /** Fields of a form that is to be posted to `url`, which signs people in. */
  form?: Record<string, string>
}
