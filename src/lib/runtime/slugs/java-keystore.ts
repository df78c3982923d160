import {createHash, X509Certificate} from 'node:crypto'

/**
 * A Java keystore (JKS, which every version of Java reads) that trusts the certificates of a PEM bundle. Its password is Java's usual
 * `changeit`. What is no certificate is left out.
 */
export function toKeystore(pem: string): Buffer {
  const certificates = [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].flatMap(([text]) => der(text))
  const head = Buffer.alloc(12)
  head.writeUInt32BE(0xfeedfeed, 0)
  head.writeUInt32BE(2, 4)
  head.writeUInt32BE(certificates.length, 8)
  const body = Buffer.concat([head, ...certificates.map((certificate, index) => entry(`host-${index}`, certificate))])
  const seal = createHash('sha1').update(Buffer.from('changeit', 'utf16le').swap16()).update('Mighty Aphrodite').update(body).digest()
  return Buffer.concat([body, seal])
}

function der(pem: string): Buffer[] {
  try {
    return [new X509Certificate(pem).raw]
  } catch {
    return []
  }
}

/** Tag 2 is a trusted certificate; the date of its entry says nothing. */
function entry(alias: string, certificate: Buffer): Buffer {
  const tag = Buffer.alloc(4)
  tag.writeUInt32BE(2, 0)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(certificate.length, 0)
  return Buffer.concat([tag, word(alias), Buffer.alloc(8), word('X.509'), length, certificate])
}

function word(text: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(text), 0)
  return Buffer.concat([length, Buffer.from(text)])
}
