import {z} from 'zod'

/** Heroku takes a plain string where one field of an object is enough; readers get the object always. */
export function orText<Shape extends z.ZodRawShape>(field: string, shape: Shape, what: string) {
  return z.preprocess(value => (typeof value === 'string' ? {[field]: value} : value), z.object(shape, {error: `should be ${what}`}))
}
