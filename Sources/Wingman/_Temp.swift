public enum RestartPolicy: Sendable { case permanent, transient, temporary }
enum JobArguments { static func encode<J: Codable>(_ j: J) throws -> [UInt8] { [] }
static func decode<J: Decodable>(_ t: J.Type, from: ArraySlice<UInt8>) throws -> J { fatalError() } }
extension PayloadEdits { mutating func setFailure(className: String, message: String) {}
 mutating func setBacktrace(_ l: [String]) {} }
public struct ArgumentError: Error, CustomStringConvertible { public var description: String { "" } }
