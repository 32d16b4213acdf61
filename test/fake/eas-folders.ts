import type { Folder } from '../../src/wire/eas/folder-sync.ts'

/** The folders of every user of the fake upstream; 'in' is the Inbox. */
export const folderTree: readonly Folder[] = [
  { serverId: 'in', parentId: '0', displayName: 'Inbox', type: 2 },
  { serverId: 'sent', parentId: '0', displayName: 'Sent', type: 5 },
  { serverId: 'trash', parentId: '0', displayName: 'Trash', type: 4 },
  { serverId: 'cal', parentId: '0', displayName: 'Calendar', type: 8 },
]
