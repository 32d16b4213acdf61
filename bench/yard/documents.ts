import { AirSync, AirSyncBase, Email } from '../../src/wire/wbxml/tokens.ts'
import { element, writeWbxml } from '../../src/wire/wbxml/wbxml.ts'

/** What a Sync with one new mail is answered: some 300 bytes. */
export const syncReply: Uint8Array = writeWbxml(
  element(
    AirSync.Sync,
    element(
      AirSync.Collections,
      element(
        AirSync.Collection,
        element(AirSync.SyncKey, '1791196801'),
        element(AirSync.CollectionId, 'f1'),
        element(AirSync.Status, 1),
        element(
          AirSync.Commands,
          element(
            AirSync.Add,
            element(AirSync.ServerId, 'f1:1001'),
            element(
              AirSync.ApplicationData,
              element(Email.To, '"Alice Example" <alice@example.org>'),
              element(Email.From, '"Bob Example" <bob@example.org>'),
              element(Email.Subject, 'Figures of week 41'),
              element(Email.DateReceived, '2026-10-05T07:10:00.000Z'),
              element(
                AirSyncBase.Body,
                element(AirSyncBase.Type, 1),
                element(
                  AirSyncBase.Data,
                  'The quarterly figures are in the attachment, please have a look.',
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  ),
)
