import { createHash } from 'node:crypto'
import type { Instant } from '../base/clock.ts'
import { headerAddress, headerDate, headerText } from './header-text.ts'

/** The words of the quarantine notice; `notices/` composes them. */
export interface NoticeText {
  readonly from: string
  /** Shown as recipient; nobody is when it is absent. */
  readonly to?: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The notice as a message: both forms, base64 throughout, so that no word of it can become a header. */
export function composeNotice(notice: NoticeText, at: Instant): Uint8Array {
  const mark = createHash('sha256').update(notice.subject).digest('hex').slice(0, 24)
  const part = (type: string, body: string) =>
    [
      `--${mark}`,
      `Content-Type: text/${type}; charset=utf-8`,
      'Content-Transfer-Encoding: base64',
      '',
      inLines(Buffer.from(body).toString('base64')),
    ].join('\r\n')
  const lines = [
    `From: ${headerAddress(notice.from)}`,
    ...(notice.to ? [`To: ${headerAddress(notice.to)}`] : []),
    `Subject: ${headerText(notice.subject)}`,
    `Date: ${headerDate(at)}`,
    `Message-ID: <${mark}@postern.invalid>`,
    'Importance: high',
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${mark}"`,
    '',
    part('plain', notice.text),
    part('html', notice.html),
    `--${mark}--`,
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}

const inLines = (base64: string) => base64.replace(/(.{76})/g, '$1\r\n')
