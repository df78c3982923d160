import {randomInt} from 'node:crypto'

const adjectives =
  `aged ancient arcane autumn billowing bitter blooming bold broad calm chilly cold cool crimson cryptic curly damp dark dawn
deep desolate dry enigmatic evening falling fathomless fierce floating fragrant frozen gentle glacial guarded hidden hollow immense infinite
intense limitless lingering lit little lively lonely long lucky mighty misty morning mysterious nameless obscure old pacific peaceful polar
powerful protected pure quiet rocky rough rugged safe salty serene shielded shrouded silent snowy sparkling spring still stormy sublime summer
tranquil twilight vast warm wandering weathered whispering white wild winter young`
    .split(/\s+/)
    .filter(Boolean)

const nouns =
  `anchorage atoll bastion bayou beach beyond brook brushlands canyon caverns cliffs coast cove crag depths dusk earth escarpment
everglades falls fjord forest fortress garden gorge grove harbor haven headland hollows inlet island journey lake ledge lowlands meadow mesa
mountain oasis ocean peak plains plateau pond reaches reef refuge retreat ridge river sands savannah sea shelf shore sierra spire springs
stream summit tundra temple thicket tor valley waters wave wildwood woodland`
    .split(/\s+/)
    .filter(Boolean)

const pick = (words: string[]): string => words[randomInt(words.length)] as string
const fiveDigits = (): number => randomInt(10_000, 100_000)

/** An app name as Heroku makes them: `serene-river-12345`. */
export function randomAppName(): string {
  return `${pick(adjectives)}-${pick(nouns)}-${fiveDigits()}`
}

const cities =
  `aomori akita berlin bergen bogota cairo dakar delhi fukui geneva gifu hanoi havana kagoshima kobe kyoto lagos lima lisbon lyon madrid malmo
miyagi nagano nagoya nara oita osaka oslo porto prague quito rabat riga saga seoul seville sofia tallinn tokyo toyama turin ulsan vienna vilnius
warsaw wellington yamagata yokohama zagreb zurich`
    .split(/\s+/)
    .filter(Boolean)

/** A name of an SNI endpoint as Heroku makes them: `tokyo-10503`. */
export function randomEndpointName(): string {
  return `${pick(cities)}-${fiveDigits()}`
}
