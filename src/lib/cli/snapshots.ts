import type {AddonSnapshot} from '../schema/addon-snapshot.js'
import {formatTime} from './formats/time.js'
import type {Ui} from './ui.js'

/** Says of add-ons that are gone until when their data is not, on stderr. `ids`: theirs. */
export function noteSnapshots(ui: Ui, snapshots: AddonSnapshot[], ids: string[]): void {
  for (const {id, name, expires_at: until} of snapshots)
    if (ids.includes(id)) {
      const command = ui.err.command(`hokku addons:snapshots:restore ${name}`)
      ui.note(`The data of ${ui.err.name(name)} is kept until ${formatTime(new Date(until))}. Bring it back with ${command}.`)
    }
}
