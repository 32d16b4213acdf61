/** How much of something there may be, how long something may take. */
interface Limit {
  readonly value: number
  readonly unit: string
  /** Why this value and no other. */
  readonly why: string
}

/**
 * Every limit of Postern in one place, as a person would say it: number, unit, and why this one. `docs/limits.md` is generated
 * from this table and tested equal to it.
 */
const table = {
  acceptLanguageChars:
    '512 characters: of Accept-Language that are looked at; a browser names a dozen languages in a third of it',
  actionKeepMs:
    '365 * 86_400_000 ms: how long one can look up what was done to a device: as long as the longest schedule of an action',
  actionRecipients:
    '500 addresses: of one mail about one device: a help desk, not the whole company by mistake',
  actionsListed: '10_000 actions: that were fired, the newest: a page of the list holds no more',
  actionsPage: '500 devices: read at a time after a policy changed: a few kilobytes',
  addressListChars:
    '32_768 characters: of To or Cc as shown; a list mail to a thousand people fits',
  alarmLeaseMs:
    '60_000 ms: a ring takes milliseconds; after this its node is taken for dead and another one rings',
  alarmLookMs:
    '60_000 ms: longest timer of an alarm: a machine that slept or whose clock was set is late by no more',
  alarmsAtOnce:
    '16 rings: many grace periods end at the same midnight; more at once would only wait for the one writer',
  analysedPolicies:
    '1000 policies: of one search for holes in a running server: seconds, in a thread of its own; `postern analyse` takes any number',
  analysisMegabytes:
    '1024 megabytes: of memory of that thread: 214 published policies take less than a tenth, and the server outlives a search that takes more',
  apiTokenLifeMs: '365 * 86_400_000 ms: a forgotten token of the command line ends within a year',
  appliesLooked:
    '200 applies: looked through for the one that had a policy last; older ones count as never applied',
  authorityDays: '3650 days: ten years: a new CA means enrolling every device again',
  autoblockMinutes:
    '43_200 minutes: thirty days: the longest window and the longest block of a client that runs wild; more is a block by hand',
  autodiscoverBytes:
    '65_536 bytes: an Autodiscover request has under 1 KB, and strangers may send one',
  bodyMs:
    '60_000 ms: an inspected body is small, so a minute is enough on any network; without it a slow sender would hold memory for ever',
  certificateRequestBytes:
    '16_384 bytes: a PKCS#10 request with an RSA key of 4096 bits has under 2,000',
  changesGatherMs:
    '100 ms: news that is told to a page in one event; people see no difference, and a policy change is thousands of news',
  changesLookMs:
    '30_000 ms: how long a page that listens for changes hears them after its session has ended',
  changesUnreadBytes:
    '65_536 bytes: of news that a page has not taken; hundreds of events, after which it must be gone',
  checkinThresholdDays:
    '120 days: longest that a device may be silent and still count as active; the same bound as Intune has',
  clientIdChars:
    '64 characters: longest ClientId that is compared: 40 are allowed (MS-ASCMD 2.2.3.28)',
  clientIdKeepMs:
    '2_592_000_000 ms: how long a sent ClientId is remembered: a phone that was off for a month does not send its outbox twice',
  clockSkewMs:
    '300_000 ms: how far the clocks of devices and nodes may differ; five minutes is what Kerberos tolerates too',
  collectionMembers:
    '50_000 members: that stand in one collection by name; larger sets are what rules are for',
  collectionPage: '1000 rows: one page of a list where none is asked for; a megabyte of devices',
  collections:
    '1000 collections: each is asked about a device that is judged; a thousand cost some hundred microseconds',
  complianceErrorHoldMs:
    '7 * 86_400_000 ms: a fact that makes no sense leaves the earlier compliance state standing for a week, as documented for Intune',
  conditionalAccessPolicies:
    '3000 policies: conditional access: ten times what Microsoft Entra takes for a tenant',
  contactBatch:
    '1000 rows: times of contact written in one transaction; ten milliseconds of this process, then others have their turn',
  contactDelayMs:
    '1000 ms: how long a time of contact stays in memory; what a crash may lose of it, and of nothing else',
  convertedChars:
    '1_048_576 characters: of a body turned from HTML into text or back, for clients that read only the other; nobody reads more on a phone',
  cursorSaveMs:
    '200 ms: what a crash makes a follower take again; saving with each entry would double the writes',
  decisionLogLook:
    '20_000 entries: looked at for one page of the sign-in log; where a filter wants few of them the page is short, and leads on',
  decisionLogPage: '1000 entries: one answer of the decision log; the caller pages',
  deviceCertificateDays: '366 days: a device that was away for a year enrolls again',
  deviceDiscoveryMs:
    '14 * 60_000 ms: how long a new client may keep its model and system to itself, as documented for Exchange',
  devicesPerUser:
    '500 devices: registered ones; room for a service account with many kiosks, and an end for a script that enrolls',
  directoryFileBytes:
    '536_870_912 bytes: a million users with ten groups each have some 400 MB, about what one string can hold',
  directoryNewsUsers:
    '500 users: that one change of a group names; for more everyone is judged again, and a statement takes no more names',
  displayNameChars: '256 characters: as Microsoft Graph allows for a display name',
  drainMs: '5000 ms: how long a stop waits for answers that are being written',
  easConnections:
    '18_000 connections: common limits allow 20,000 open files per process; the rest is for the store, the upstream and the log',
  easDeviceIdChars:
    '128 characters: clients send at most 32 or so; the base64 form of a request could carry 255',
  easDevicesPerUser:
    '100 partnerships: the documented default of Exchange; clients that invent a new DeviceId on every try stop here',
  easMessageBytes:
    '36_700_160 bytes: a mail sent into the built-in mailbox: 25 MB of attachments in base64, as most servers allow',
  easQueryChars:
    '4096 characters: of an EAS request line: an attachment name or a long id in it has a few hundred',
  emailProfiles:
    '200 profiles: read whole with each judging; a site has one per platform and kind of user',
  estimateCollections:
    '1000 collections: of one GetItemEstimate, as Exchange allows (MS-ASCMD 3.1.5.10)',
  estimateItems: '100_000 items: an estimate counts rows in memory; no window is larger',
  factChars:
    '256 characters: of each text that a device tells of itself; the longest real user agents have about 150',
  factListItems:
    '1000 items: of a fact that is a list; phones have some 150 apps. A longer list counts as not reported, since a part of it proves nothing',
  filterChars: '3072 characters: a filter rule; what Microsoft Graph takes for one',
  filterDepth: '50 levels: brackets and -not in one filter rule: nobody writes ten',
  gatewayClients:
    '50_000 clients: policy keys kept in memory, about 10 MB; beyond it the oldest are read from the store again',
  headersMs:
    '20_000 ms: the head of a request fits in one packet; slow heads are how connections are exhausted',
  historyLineChars:
    '33_554_432 characters: one entry of an export: a change of what one `policy apply` can send, twice over',
  historyPage:
    '500 entries: of the history read at a time; a megabyte, and as many signatures held against it at once',
  httpHeaderBytes: '16_384 bytes: EAS heads stay under 2 KB; browsers with cookies under 8 KB',
  idleConnectionMs:
    '75_000 ms: a connection on which nobody has signed in: strangers must not collect them; phones keep theirs for keepAliveMs',
  imapConnects:
    '20 connections: sign-ins to IMAP at once: after a restart every user has one, and each costs the mail server a password check',
  imapIdleMs:
    '240_000 ms: IDLE is renewed this often: firewalls forget a silent connection after about five minutes',
  imapLingerMs:
    '120_000 ms: between two Pings a phone syncs; a watch that ended meanwhile would miss the mail in between',
  imapRetryMs:
    '15_000 ms: a mail server that is down is asked again after this; Pings are then checked over EAS',
  imapWatches:
    '4000 connections: one per user with a held Ping; beyond it Pings are checked over EAS',
  itemOperations: '100 operations: of one ItemOperations, as Exchange allows (MS-ASCMD 3.1.5.10)',
  journalAskMs:
    '5 ms: so long the answer of an embedded database about news of other processes is used again: a request asks twice, and the question costs as much as the decision',
  journalLagMs:
    '5000 ms: a node that heard no news for so long refuses; five seconds rides over a database failover without admitting a withdrawn device for longer',
  journalPage: '500 entries: bounds the memory of a follower that was away for long',
  judgeLineChars:
    '1_048_576 characters: one device for `postern judge`; a thousand apps with long names have under 300,000',
  keepAliveMs:
    '3_660_000 ms: longer than the longest Ping, so that a phone finds its connection open and saves a TLS handshake',
  knownAddressMs:
    '14 * 86_400_000 ms: an address where an account was right lately is spared what others do to the account; two weeks ride over a holiday',
  laneBodyBytes:
    '65_536 bytes: of a request on the fast lane, which keeps it whole; nearly all but messages and photos have under 4 KB',
  laneHeadBytes: '8192 bytes: of a request on the fast lane; EAS heads stay under 2 KB',
  listFilterChars:
    '2048 characters: of a $filter: room for a hundred comparisons, and no work worth an attack',
  listFilterDepth: '32 levels: brackets in brackets of a $filter; people write two or three',
  mailboxAnswerBytes:
    '16_777_216 bytes: messages in one Sync answer, which is built in memory; more are left to the next one',
  messageStartBytes:
    '8192 bytes: of a message on its way to the mail server that are looked at: its ClientId stands first, its Message-ID among its first headers',
  messageTemplates: '500 templates: read whole when a message is written; a site has some ten',
  mimeDepth: '32 levels: parts in parts; real mail has fewer than ten, attackers send hundreds',
  mimeFieldBytes:
    '65_536 characters: of one header field; a recipient list of a thousand people fits',
  mimeHeaderBytes:
    '1_048_576 bytes: headers over all parts of a message; a mail that went through fifty servers has about 50,000',
  mimeParts: '1000 parts: of one message; a mail with a hundred pictures has fewer',
  moveItems: '1000 moves: of one MoveItems, as Exchange allows (MS-ASCMD 3.1.5.10)',
  namedLocations: '195 locations: what Microsoft Entra takes for a tenant',
  noticeFindings: '20 findings: a notice is read on a phone; the portal lists all of them',
  noticeGiveUpMs:
    '5 * 86_400_000 ms: as long as mail servers try, RFC 5321 4.5.4.1: a notice older than that helps nobody',
  noticeKeepMs: '30 * 86_400_000 ms: how long one can look up that a notice was sent',
  noticeQuietMs:
    '86_400_000 ms: a device that falls out of health again within a day is not mailed about again; its notice shows on the device',
  noticeRetryLongestMs:
    '3_600_000 ms: a mail server that was down for long is noticed within the hour',
  noticeRetryMs:
    '60_000 ms: first wait after the mail server did not take a notice; doubles from there',
  noticeSendMs:
    '180_000 ms: longer than every step of SMTP at its timeout; then the sender is taken for dead and the notice sent again',
  offerMs:
    '3_600_000 ms: versions and commands of the mail server are asked again after an upgrade within an hour',
  oneTimeLinkKeepMs:
    '86_400_000 ms: used and expired links stay for a day, so that a log line about one can be understood',
  partnershipsKnown:
    '50_000 partnerships: held in memory per node for the way of each request, at about 1 KB; others are read from the store',
  passwordChars:
    '1024 characters: longer than any pass phrase; hashing more is work for an attacker to give us',
  passwordChecksAtOnce:
    '64 checks: each waits for one of four threads at 20 to 90 ms; more would wait for seconds and starve the disk',
  passwordHashKib:
    '19_456 KiB: argon2id with two passes and one lane, the least that OWASP advises; two at once fit into an idle 110 MB',
  passwordHashPasses:
    '2 passes: with 19 MiB as above: some 20 ms of one core, again and again for a guesser',
  passwordHashesAtOnce:
    '2 hashes: of the four threads, two stay free for the disk and for name resolution',
  passwordHashesWaiting:
    '64 sign-ins: the last of them waits for a second or two; beyond that a client would give up anyway',
  passwordMemoryMs:
    '600_000 ms: one argon2 per phone and ten minutes; a changed password of ours is forgotten at once, one changed elsewhere after this',
  passwordMinimumChars:
    '8 characters: the least that NIST SP 800-63B allows where nothing else is asked for',
  passwordsRemembered: '20_000 passwords: about 6 MB; beyond it the oldest are checked anew',
  pingFolders: '300 folders: more than any client watches; bounds the memory of a held Ping',
  pingMaxSeconds: '3540 seconds: longest heartbeat, as on Exchange; proxies in front need an hour',
  pingMinSeconds: '60 seconds: shortest heartbeat, as on Exchange',
  placesKept:
    '8 addresses: per client, the newest: home, office, the networks of a phone; a draft of policies is tried from each of them',
  placesKeptMs:
    '30 * 86_400_000 ms: a month of real requests: long enough for those who come rarely, such as people back from holidays',
  placesNoteMs:
    '3_600_000 ms: how exactly it is known when a client came from a place: at most one write an hour and client',
  policyFileBytes:
    '4_194_304 bytes: the largest public policy has 30 KB; an export of a whole tenant as one list has some 2 MB',
  policyFiles: '10_000 files: of one folder; the largest public set of policies has 318',
  policyFolderBytes:
    '16_777_216 bytes: what one `policy apply` sends; an export of a whole tenant has some 2 MB',
  policyListItems:
    '1000 items: of one setting that is a list, such as forbidden apps; Graph allows 1000 in a list of apps',
  portalLinkMs:
    '30 * 86_400_000 ms: the link of a notice works for a month, since people come back from holidays; it opens nothing without signing in',
  postgresConnections:
    '10 connections: per node, besides the one that listens: one writes, the others read; ten nodes fit into a default PostgreSQL',
  previewChars:
    '255 characters: the start of a message in a short search result (MS-ASAIRS 2.2.2.35)',
  pushTimeoutMs:
    '10_000 ms: far below `alarmLeaseMs`, so that no other node pushes the same meanwhile',
  refusedBodyBytes:
    '65_536 bytes: an unwanted body up to this is read and dropped, so that the connection lives on; a larger one ends it',
  reportBytes:
    '131_072 bytes: of a signed report: a thousand installed apps have some 60,000, all other facts and a certificate chain under 20,000',
  requestCountDelayMs:
    '10_000 ms: the number of requests is for people; one write for all of ten seconds',
  retryAfterSeconds:
    '30 seconds: when clients come back after a 503: soon enough for people, late enough for a restart',
  retryFirstMs: '100 ms: first pause after a throw; doubles with each further one',
  retryLongestMs:
    '30_000 ms: longest pause between tries: how long an entry or alarm stays stuck after its cause is gone',
  rollbackAfterMs:
    '7 * 86_400_000 ms: the longest that a change of policies may wait for its confirmation; later nobody remembers it',
  rolloutObserveMs:
    '90 * 86_400_000 ms: longest time for which those who were moved are observed: a quarter of a year says all that it will',
  rolloutSizes: '100 sizes: of waves in a list: more are a rule, and the last size is one',
  rolloutWavesShown: '100 waves: that are foreseen one by one: a season of working days',
  rosterContactsMs:
    '2000 ms: how old times of contact in the list of devices may be: they change with every request, and only people read them',
  rosterIdleMs:
    '10 * 60_000 ms: how long the list of devices stays in memory after somebody looked at it; ten thousand take some 30 MB',
  rosterNews:
    '1000 devices: changed since the last look; more of them are read faster by reading all',
  rowsPerTurn:
    '250 rows: read or looked at in one turn of the event loop: some ten milliseconds, then whoever else waits comes first',
  searchChars: '256 characters: longer than anything that people search for',
  searchResults: '100 results: of one Search answer, as on Exchange',
  searchedBytes:
    '262_144 bytes: start of a message that Search looks through: all text of nearly all mail, and no attachment',
  serverCertificateDays: '397 days: browsers and phones refuse a TLS certificate of more than 398',
  serverCertificateRenewDays: '30 days: time to notice that renewing fails',
  sessionIdleMs:
    '3_600_000 ms: a browser left open; an hour lets a user finish enrollment on another device',
  sessionLifeMs: '43_200_000 ms: one working day, however busy the session is',
  sessionNoteMs:
    '60_000 ms: how exactly the last use of a session is known: at most one write a minute and session',
  signInNameChars: '320 characters: 64 before the @ and 255 after it, as in RFC 5321 4.5.3.1',
  signalAnswerChars:
    '4096 characters: read of the answer of a receiver that refuses an event: its code is a word',
  signalGiveUpMs:
    '7 * 86_400_000 ms: how long an event waits for a receiver that is down: a long weekend and a week of holidays of whoever mends it',
  signalReasonChars:
    '1000 characters: of what is wrong with a device, for the administrators of the receiver',
  signalRetryLongestMs:
    '600_000 ms: a receiver that is back hears what it missed within ten minutes',
  signalRetryMs: '1000 ms: first wait after a receiver did not answer; doubles from there',
  smtpClients: '50 connections: a local listener: a few delivery agents, not the Internet',
  smtpRecipients: '100 recipients: of one message, the least that RFC 5321 4.5.3.1.8 allows',
  smtpTimeoutMs:
    '30_000 ms: for each of connecting, greeting and an answer; a server that greylists answers within it',
  solverConflicts:
    '200_000 conflicts: of one question to the SAT solver; a set of 214 policies asks for a few hundred, and a question made to be hard ends after seconds',
  sqliteLogBytes:
    '67_108_864 bytes: what the write-ahead log of SQLite shrinks back to after a large transaction',
  sqliteStatements: '256 statements: all rooms together prepare about 150 per connection',
  storeAnswerMs:
    '10_000 ms: a statement or a turn to write that takes longer counts as a database that is down',
  storeHeartbeatMs:
    '1000 ms: how often a node asks whether others wrote; a fifth of journalLagMs, so that four lost answers do no harm',
  storeSilenceMs:
    '3000 ms: a heartbeat without answer for so long ends the connection, and with it the right to act alone',
  storeStopMs: '5000 ms: a follower or alarm that hangs may not hold up the end of the process',
  subjectsNumbered:
    '4_194_304 numbers: users and devices that compiled policies find by their number: twice the largest fleet that anything was measured with; whoever has a higher one is found more slowly',
  syncCollections: '200 collections: of one Sync; clients ask for fewer than 30 folders at once',
  syncCommands: '200 commands: of one Sync, as Exchange allows (MS-ASCMD 3.1.5.10)',
  syncWindow: '512 changes: largest window of one Sync answer (MS-ASCMD 2.2.3.199)',
  syncWindowDefault: '100 changes: window of a Sync that names none (MS-ASCMD 2.2.3.199)',
  textsBegun:
    '5000 texts: while those are sought that the tests of one device property tell apart; the filters of all public policy sets need under a hundred',
  uploadIdleMs: '120_000 ms: a streamed upload or download without a byte for so long is dead',
  upstreamAnswerMs:
    '120_000 ms: the slowest command, a search, takes seconds; a held request adds its own wait',
  upstreamConnectMs: '5000 ms: the mail server is near; waiting longer only piles up clients',
  upstreamDetour:
    '1000 requests: that Node asks after an answer which the fast lane does not read: a mail server that answers so once answers so again',
  upstreamIdleLines:
    '64 connections: to the mail server, kept open while nobody asks; a burst may have more',
  upstreamPingEveryMs:
    '60_000 ms: how often a held Ping is checked over EAS: folders that IMAP does not tell of change rarely',
  upstreamPings:
    '2 requests: our own short Pings at once: each holds a worker of SOGo, which has four by default',
  userMailInsertChars: '256 characters: the limit of Exchange for UserMailInsert',
  verdictWords:
    '16_777_216 words: of 32 policies each, 64 MB of answers that are kept of one side of sign-ins: of 100,000 identities or devices of which no two are alike, under 4,000 policies',
  versionsRemembered:
    '10_000 versions: read once per platform while a set of policies judges; a fleet has some hundred, and a liar may send others',
  waysThroughCell:
    '8 ways: told of one class of users through one client on one platform: to close a hole takes one, to see a pattern a few',
  wbxmlBytes:
    '1_048_576 bytes: requests that are read into memory for inspection; SendMail and attachments stream past it',
  wbxmlDepth: '64 levels: the deepest documented EAS message has fewer than 20',
  wbxmlNodes: '200_000 nodes: a Sync of 512 changes has about 20,000',
  wrongElsewhereMemoryMs:
    '60_000 ms: a password changed in the mail server works within a minute, even if it was wrong before',
  wrongPasswordMemoryMs:
    '86_400_000 ms: a phone that repeats an old password counts once a day; a changed password is heard of at once',
  wrongTriesAccount:
    '10 tries: over all addresses, before an account slows down: all devices of one person after a password change',
  wrongTriesAccountWaitMs:
    '30_000 ms: longest wait of a whole account: short, since strangers can cause it; still only some 6,000 guesses a day',
  wrongTriesAddress:
    '30 tries: over all accounts, before an address slows down: an office behind one address on a Monday',
  wrongTriesForgetMs:
    '3_600_000 ms: four times the longest wait, so that waiting never resets the count',
  wrongTriesKept:
    '50_000 subjects: about 10 MB; an attacker needs as many wrong tries under fresh names or addresses to be forgotten once',
  wrongTriesPair:
    '5 tries: of one account from one address, before it slows down: a person who tries all of their passwords',
  wrongTriesWaitMs: '900_000 ms: longest wait of one address: about a hundred guesses a day',
}

/** The limits by name. */
export const limits = readTable(table)

function readTable<N extends string>(
  rows: Readonly<Record<N, string>>,
): Readonly<Record<N, Limit>> {
  const read = Object.entries<string>(rows).map(([name, text]) => [name, readLimit(name, text)])
  return Object.fromEntries(read) as Record<N, Limit> // by the same names
}

/** `365 * 86_400_000 ms: why`. Throws where a row is written otherwise: nothing starts with a limit that nobody can read. */
export function readLimit(name: string, text: string): Limit {
  const [, first, second = '1', unit, why] =
    /^(\d[\d_]*)(?: \* (\d[\d_]*))? ([A-Za-z-]+): (\S.*)$/.exec(text) ?? []
  if (first === undefined || unit === undefined || why === undefined)
    throw new Error(`bug: the limit ${name} is not written as NUMBER UNIT: WHY`)
  const number = (digits: string) => Number(digits.replaceAll('_', ''))
  return { value: number(first) * number(second), unit, why }
}
