import Foundation
import Production
import Secrets
import Testing

private let place = SealedPlace(table: "accounts", column: "refresh_token", row: 7)
private let token = Secret("1//canary-refresh-token-0123456789")

private func refusal<Answer>(of body: () throws -> Answer) -> SecretsError? {
    #expect(throws: SecretsError.self) { _ = try body() }
}

@Suite struct `The key ring` {
    @Test func `opens what it has sealed, also what is empty or of many bytes`() throws {
        let ring = try #require(KeyRing([MasterKey()]))
        for text in ["", token.value, String(repeating: "é😀", count: 5_000)] {
            #expect(try ring.open(ring.seal(Secret(text), for: place), at: place).value == text)
        }
    }

    @Test func `seals the same value differently every time, and its bytes hold none of it`() throws {
        let ring = try #require(KeyRing([MasterKey()]))
        let (one, other) = (try ring.seal(token, for: place), try ring.seal(token, for: place))
        #expect(one != other)
        #expect(!String(decoding: one, as: UTF8.self).contains("canary"))
        #expect(one.count == 1 + 8 + 60 + 28 + token.value.utf8.count)
    }

    @Test(arguments: [
        SealedPlace(table: "accounts", column: "refresh_token", row: 8),
        SealedPlace(table: "accounts", column: "access_token", row: 7),
        SealedPlace(table: "others", column: "refresh_token", row: 7),
        SealedPlace(table: "accountsr", column: "efresh_token", row: 7),
    ])
    func `opens nothing that stands elsewhere than it was sealed for`(elsewhere: SealedPlace) throws {
        let ring = try #require(KeyRing([MasterKey()]))
        let sealed = try ring.seal(token, for: place)
        #expect(refusal { try ring.open(sealed, at: elsewhere) }?.code == .refused)
        // Nor does a rotation launder it.
        let newer = try #require(KeyRing([MasterKey()] + ring.keys))
        #expect(refusal { try newer.resealed(sealed, at: elsewhere) }?.code == .refused)
    }

    @Test func `notices every changed byte, and every cut`() throws {
        let ring = try #require(KeyRing([MasterKey()]))
        let sealed = try ring.seal(token, for: place)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(refusal { try ring.open(changed, at: place) } != nil, "byte \(index)")
        }
        for count in 0..<sealed.count {
            #expect(refusal { try ring.open(Array(sealed.prefix(count)), at: place) } != nil, "\(count) bytes")
        }
    }

    @Test func `encrypts with its first key and decrypts with each`() throws {
        let (old, new) = (MasterKey(), MasterKey())
        let before = try #require(KeyRing([old]))
        let sealed = try before.seal(token, for: place)
        let both = try #require(KeyRing([new, old]))
        #expect(try both.open(sealed, at: place) == token)
        let resealed = try #require(try both.resealed(sealed, at: place))
        #expect(try both.resealed(resealed, at: place) == nil)
        let after = try #require(KeyRing([new]))
        #expect(try after.open(resealed, at: place) == token)
        let refused = refusal { try before.open(resealed, at: place) }
        #expect(refused?.code == .unknownKey)
        #expect(refused?.message.contains("\(new.id)") == true)
    }

    @Test func `and its keys show themselves to no log or dump`() throws {
        let key = MasterKey()
        let ring = try #require(KeyRing([key]))
        let secret = String(key.line.dropFirst("ytempire-key-1:".count))
        var dumped = ""
        dump(ring, to: &dumped)
        #expect(!"\(ring) \(key) \(String(reflecting: ring)) \(dumped)".contains(secret))
        #expect(MasterKey(line: key.line) == key)
        #expect(MasterKey(line: key.line.dropLast(4)) == nil)
        #expect(MasterKey(line: secret) == nil)
    }

    /// Made by another implementation of AES-GCM (Python's cryptography). What is in a database must open in every later version.
    @Test func `opens what the first version has sealed`() throws {
        let line = "ytempire-key-1:" + Data(0..<32).base64EncodedString()
        let key = try #require(MasterKey(line: line))
        let ring = try #require(KeyRing([key]))
        let sealed = try #require(Data(base64Encoded: Self.sealedByFirstVersion))
        #expect(try ring.open(Array(sealed), at: place) == token)
    }

    private static let sealedByFirstVersion =
        "AfqFEy6fu2fdAAECAwQFBgcICQoLI2ewfK2MqHDhLPnkwZgKHvej8UOIAiUHRBqb+p3ogjFb9aLgDlQGRFJi5fwSFXYMFBUWFxgZ"
        + "GhscHR4foxsk3B1cY0VJAUUK+Kz1xgRcxUF87EZaDF+8J8nalb4NSosMpa8t+3d4+ghh48Sv7r4="
}
