import { canonicalJson } from '../../history/canonical.ts'
import type { AppliedForm } from '../../history/entry.ts'
import { hashOf } from '../../history/seal.ts'
import type { ExportedPolicy, PolicyFolderBody } from '../folder-contract.ts'
import { normal } from './difference.ts'

/** What a policy says, in a few characters: the same for all documents between which there is no difference. */
export const formsOf = (policies: readonly ExportedPolicy[]): readonly AppliedForm[] =>
  policies.map(({ kind, name, document }) => ({
    kind,
    name,
    form: hashOf(canonicalJson(normal(document))),
  }))

/** By what a policy is told from all others. */
export const keyOf = ({ kind, name }: Pick<AppliedForm, 'kind' | 'name'>): string =>
  `${kind} ${name.toLowerCase()}`

/** Those that a folder has a document of. */
export function inFolder<T extends Pick<AppliedForm, 'kind' | 'name'>>(
  { documents }: PolicyFolderBody,
  policies: readonly T[],
): readonly T[] {
  const keys = new Set(documents.map(keyOf))
  return policies.filter((one) => keys.has(keyOf(one)))
}
