import {formatSize} from './size.js'

const width = 20

/** `[=====>              ] 28% 12 MB`: how much of so many bytes is done. Of a guess that was too small it says 99 % until the end. */
export function progressBar(done: number, all: number): string {
  const share = all <= 0 ? 0 : Math.min(0.99, done / all)
  const full = Math.floor(share * width)
  return `[${'='.repeat(full)}>${' '.repeat(width - full - 1)}] ${Math.floor(share * 100)}% ${formatSize(done)}`
}
