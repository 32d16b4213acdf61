/** A room is a folder below `src` (or one file of its own there), or one of the folders beside `src`. */
export interface Room {
  readonly name: string
  /** Where it lives: a folder ending in `/`, or one file. */
  readonly at: string
  /** Imports point strictly down; rooms of one floor are strangers. */
  readonly floor: number
  /** Files, relative to the room, that other rooms may import. `all`: every one but its tests. */
  readonly doors: readonly string[] | 'all'
  /** Files that only src/postern.ts may import besides: what it builds this room's neighbours from. */
  readonly parts?: readonly string[]
  /** Where set, every file is pure but these. */
  readonly impure?: readonly string[]
  /** Where set, the only files of other rooms that it may import. */
  readonly sees?: readonly string[]
  /** Tests and benchmarks look behind every door. */
  readonly entersAll?: boolean
}

/** The house from the ground up. Why it stands so: docs/decisions/0003-floors.md. */
export const rooms: readonly Room[] = [
  {
    name: 'base',
    at: 'src/base/',
    floor: 0,
    // A closed list: what every room leans on must stay small.
    doors: ['clock.ts', 'failures.ts', 'id.ts', 'limits.ts', 'log.ts', 'secret.ts'],
  },
  {
    name: 'store',
    at: 'src/store/',
    floor: 1,
    doors: ['store.ts', 'journal.ts', 'alarm.ts', 'pages.ts', 'profile.ts'],
  },
  { name: 'wire', at: 'src/wire/', floor: 1, doors: 'all', impure: [] },
  // Boolean statements as data: the algebra, the device filter language, a solver.
  { name: 'logic', at: 'src/logic/', floor: 1, doors: 'all', impure: [] },
  // Posts to addresses of others, and follows no redirect.
  { name: 'webhook', at: 'src/webhook/', floor: 1, doors: ['webhook.ts'] },
  { name: 'config', at: 'src/config.ts', floor: 1, doors: 'all' },
  {
    // Conditional access policies in Graph's shape: read, decide, explain, What If, analyse. Pure, so that it runs without a server.
    name: 'conditional',
    at: 'src/conditional/',
    floor: 2,
    doors: [
      'conditional.ts',
      'evaluate.ts',
      'policy.ts',
      'read-policy.ts',
      'sign-in.ts',
      'what-if-request.ts',
      'analysis.ts',
      'analysis-report.ts',
      'analysis-words.ts',
    ],
    impure: [],
  },
  {
    name: 'directory',
    at: 'src/directory/',
    floor: 2,
    doors: ['directory.ts'],
    impure: ['directory.ts', 'records.ts'],
  },
  {
    // Who changed what, and how it differs: a chain of signed entries that the rooms above add to.
    name: 'history',
    at: 'src/history/',
    floor: 2,
    doors: ['history.ts', 'entry.ts', 'difference.ts', 'canonical.ts', 'seal.ts', 'verify.ts'],
    impure: ['history.ts', 'records.ts', 'seal.ts'],
  },
  {
    // A mail client that speaks EAS: for the demo and the tests. No other room knows it.
    name: 'phone',
    at: 'src/phone/',
    floor: 2,
    doors: ['phone.ts', 'line.ts', 'transport.ts', 'documents.ts'],
  },
  {
    name: 'devices',
    at: 'src/devices/',
    floor: 3,
    doors: ['devices.ts', 'facts.ts', 'fact-table.ts'],
    impure: ['devices.ts', 'records.ts'],
  },
  {
    // Sets of users and devices that policies are aimed at.
    name: 'collections',
    at: 'src/collections/',
    floor: 4,
    doors: ['collections.ts', 'collection.ts'],
    impure: ['collections.ts', 'records.ts'],
  },
  {
    // Mail accounts that an organisation sets up on devices: kept, with whom they are for.
    name: 'profiles',
    at: 'src/profiles/',
    floor: 3,
    doors: ['profiles.ts', 'email-profile.ts', 'graph-json.ts', 'reach.ts', 'handed-out.ts'],
    impure: ['profiles.ts', 'records.ts'],
  },
  {
    name: 'compliance',
    at: 'src/compliance/',
    floor: 5,
    doors: [
      'compliance.ts',
      'verdict.ts',
      'policy.ts',
      'settings.ts',
      'settings-schema.ts',
      'catalogue.ts',
      'deployment.ts',
      'detail.ts',
      'offline.ts',
      'prepared.ts',
      'warnings.ts',
      'graph-json/read.ts',
      'graph-json/write.ts',
      'graph-json/targets.ts',
    ],
    impure: ['compliance.ts', 'records.ts'],
  },
  {
    name: 'access',
    at: 'src/access/',
    floor: 6,
    doors: [
      'access.ts',
      'gate.ts',
      'request.ts',
      'decision.ts',
      'policy.ts',
      'lockout.ts',
      'templates.ts',
    ],
    impure: ['access.ts', 'gate.ts', 'records.ts'],
  },
  {
    // What is done to those who do not meet a policy: mails, pushes, and what waits for a person's yes.
    name: 'actions',
    at: 'src/actions/',
    floor: 6,
    doors: ['actions.ts', 'template.ts', 'tokens.ts'],
    parts: ['push.ts'],
  },
  {
    // Groups that grow day by day, and so the policies that are aimed at them.
    name: 'rollout',
    at: 'src/rollout/',
    floor: 7,
    doors: ['rollout.ts', 'acting.ts', 'kept.ts', 'letter.ts', 'outlook.ts', 'plan.ts'],
  },
  {
    // What other systems are told, in signed events.
    name: 'signals',
    at: 'src/signals/',
    floor: 7,
    doors: ['signals.ts'],
  },
  { name: 'identity', at: 'src/identity/', floor: 7, doors: ['identity.ts'] },
  {
    name: 'enrollment',
    at: 'src/enrollment/',
    floor: 7,
    doors: ['enrollment.ts'],
    parts: ['key-store.ts'],
  },
  {
    name: 'notices',
    at: 'src/notices/',
    floor: 7,
    doors: ['notices.ts'],
    parts: ['mail.ts', 'words.ts', 'layout.ts'],
  },
  {
    name: 'mailbox',
    at: 'src/mailbox/',
    floor: 7,
    doors: ['mailbox.ts'],
    parts: ['smtp.ts'],
  },
  {
    name: 'gateway',
    at: 'src/gateway/',
    floor: 8,
    doors: ['gateway.ts'],
    parts: ['http-upstream.ts'],
  },
  {
    name: 'graph',
    at: 'src/graph/',
    floor: 8,
    doors: [
      'graph.ts',
      'contract.ts',
      'folder-contract.ts',
      'actions-contract.ts',
      'draft-contract.ts',
      'audit-contract.ts',
      'conditional-contract.ts',
      'collections-contract.ts',
      'history-contract.ts',
      'rollout-contract.ts',
    ],
  },
  { name: 'cli', at: 'src/cli/', floor: 9, doors: ['cli.ts', 'connection.ts'] },
  {
    name: 'web',
    at: 'web/',
    floor: 9,
    doors: [],
    sees: [
      'src/graph/contract.ts',
      'src/graph/collections-contract.ts',
      'src/graph/audit-contract.ts',
      'src/graph/conditional-contract.ts',
      'src/graph/draft-contract.ts',
      'src/graph/rollout-contract.ts',
    ],
  },
  { name: 'migrations', at: 'src/migrations.ts', floor: 10, doors: 'all' },
  // Builds the rooms up to the gate: for postern.ts, and for whoever tries them without a door.
  { name: 'judging', at: 'src/judging.ts', floor: 10, doors: 'all' },
  { name: 'postern', at: 'src/postern.ts', floor: 11, doors: 'all' },
  { name: 'demo', at: 'src/demo/', floor: 12, doors: ['demo.ts'] },
  { name: 'main', at: 'src/main.ts', floor: 13, doors: [] },
  { name: 'check', at: 'check/', floor: 14, doors: [] },
  { name: 'test', at: 'test/', floor: 14, doors: 'all', entersAll: true },
  { name: 'bench', at: 'bench/', floor: 15, doors: [], entersAll: true },
]

/** The room that holds the file at `path`. */
export function roomOf(path: string): Room | undefined {
  return rooms.find((room) => (room.at.endsWith('/') ? path.startsWith(room.at) : path === room.at))
}

/** The room's front file, where a room is a folder below `src`. */
export function frontOf(room: Room): string | undefined {
  return room.at.startsWith('src/') && room.at.endsWith('/')
    ? `${room.at}${room.name}.ts`
    : undefined
}

/** Whether `path` is a test, or exists only for tests. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.startsWith('test/')
}
