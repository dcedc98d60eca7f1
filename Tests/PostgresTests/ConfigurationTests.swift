import Postgres
import Testing

@Suite struct `A configuration` {
    @Test func `never prints its password`() throws {
        let url = "postgres://ann:hunter2@db.example:5433/films?sslmode=require"
        let configuration = try PostgresConfiguration(url: url)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("db.example"))
        }
    }

    @Test(arguments: [
        "postgres//ann:hunter2@db/films", "postgres://ann:hunter2@[::1/films", "host=db hunter2",
        "postgres://ann:x%2hunter2@db/films", "postgres://db/films?hunter2=1",
    ])
    func `that is malformed is refused without quoting it`(url: String) {
        #expect {
            _ = try PostgresConfiguration(url: url)
        } throws: { error in
            let error = error as? PostgresError
            return error?.code == .invalidConfiguration && "\(error as Any)".contains("hunter2") == false
        }
    }

    @Test func `takes keywords and values too`() throws {
        let configuration = try PostgresConfiguration(url: "host=/run/postgres dbname=films password='hunter 2'")
        #expect("\(configuration)" == "Postgres(host=/run/postgres dbname=films)")
    }
}
