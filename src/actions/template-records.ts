import type { Database, Tx } from '../store/store.ts'
import type { ActionsTables } from './migrations.ts'
import type { Brand, Template } from './template.ts'

const tables = (db: Database) => db.withTables<ActionsTables>()

/** Every message template, oldest first. */
export async function readTemplates(db: Database): Promise<readonly Template[]> {
  const rows = await tables(db).selectFrom('action_template').selectAll().orderBy('id').execute()
  return rows.map(({ document }) => JSON.parse(document) as Template) // checked before it was written
}

/** Keeps the template, whether or not it was kept before. */
export async function saveTemplate(tx: Tx, template: Template): Promise<void> {
  const document = JSON.stringify(template)
  await tables(tx)
    .insertInto('action_template')
    .values({ id: template.id, document })
    .onConflict((c) => c.column('id').doUpdateSet({ document }))
    .execute()
}

/** Drops a template. */
export async function deleteTemplate(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('action_template').where('id', '=', id).execute()
}

/** Who writes, as far as it was ever said. */
export async function readBrand(db: Database): Promise<Partial<Brand>> {
  const row = await tables(db).selectFrom('action_brand').select('document').executeTakeFirst()
  return row ? (JSON.parse(row.document) as Partial<Brand>) : {} // written by saveBrand only
}

/** Keeps who writes. */
export async function saveBrand(tx: Tx, brand: Brand): Promise<void> {
  const document = JSON.stringify(brand)
  await tables(tx)
    .insertInto('action_brand')
    .values({ id: 'site', document })
    .onConflict((c) => c.column('id').doUpdateSet({ document }))
    .execute()
}
