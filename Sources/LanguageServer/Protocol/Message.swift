// SPDX-License-Identifier: Apache-2.0

/// A message of JSON-RPC 2.0 from the editor.
enum Message {
    case request(id: JSON, method: String, params: JSON)
    case notification(method: String, params: JSON)
    /// An answer to a request of ours.
    case response
    case invalid(id: JSON)

    init(_ json: JSON) {
        let id = json["id"]
        let isID = id.string != nil || id.int != nil
        guard let method = json["method"].string else {
            let isAnswer = !json["result"].isNull || !json["error"].isNull || isID
            self = isAnswer && json["method"].isNull ? .response : .invalid(id: isID ? id : .null)
            return
        }
        if isID {
            self = .request(id: id, method: method, params: json["params"])
        } else {
            self = .notification(method: method, params: json["params"])
        }
    }
}

/// Why a request is not answered as it wishes.
struct ResponseError: Error {
    /// The codes of JSON-RPC and of the Language Server Protocol.
    enum Code: Int {
        case parseError = -32700
        case invalidRequest = -32600
        case methodNotFound = -32601
        case invalidParams = -32602
        case notInitialized = -32002
        case requestFailed = -32803
        case requestCancelled = -32800
    }
    var code: Code
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension JSON {
    static func response(_ id: JSON, _ result: JSON) -> JSON {
        ["jsonrpc": "2.0", "id": id, "result": result]
    }

    static func response(_ id: JSON, failing error: ResponseError) -> JSON {
        [
            "jsonrpc": "2.0", "id": id,
            "error": ["code": .int(error.code.rawValue), "message": .string(error.message)],
        ]
    }

    static func notification(_ method: String, _ params: JSON) -> JSON {
        ["jsonrpc": "2.0", "method": .string(method), "params": params]
    }

    static func request(_ id: JSON, _ method: String, _ params: JSON) -> JSON {
        ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": params]
    }
}
