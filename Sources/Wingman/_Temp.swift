extension PayloadEdits {
    mutating func setFailure(className: String, message: String) { set("error_class", className); set("error_message", message) }
    mutating func setBacktrace(_ l: [String]) {} }
