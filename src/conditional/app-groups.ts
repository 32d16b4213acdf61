/**
 * The application groups that policies name, by their folded name, as far as mail and its portals are concerned. As input of
 * a sign-in a group's name matches nothing: an application id is asked for. `office 365` is how some exports write it.
 * Source: Microsoft Learn, "Targeting resources in Conditional Access policies".
 */
const office365: readonly string[] = [
  '00000002-0000-0ff1-ce00-000000000000', // Exchange Online
  '00000003-0000-0ff1-ce00-000000000000', // SharePoint Online
  'cc15fd57-2c6c-4117-a88c-83b1d56b4bbe', // Teams
  '00000005-0000-0ff1-ce00-000000000000', // Yammer
  '00000006-0000-0ff1-ce00-000000000000', // Office portal
  '09abbdfd-ed23-44ee-a2d9-a627aa1c90f3', // Planner
  '2634dd23-5e5a-431c-81ca-11710d9079f4', // Stream
  'c9a559d2-7aab-4f13-a6ed-e7e9c52aec87', // Forms
]

const adminPortals: readonly string[] = [
  'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', // Azure portal
  '00000006-0000-0ff1-ce00-000000000000', // Microsoft 365 admin center
  '497effe9-df71-4043-a8bb-14cf78c4b63b', // Exchange admin center
]

export const appGroups: ReadonlyMap<string, readonly string[]> = new Map([
  ['office365', office365],
  ['office 365', office365],
  ['microsoftadminportals', adminPortals],
  // Agents of other products: nothing that signs in to mail.
  ['allagentidresources', []],
])
