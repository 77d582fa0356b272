/// In which order siblings start: as declared, except that each comes after those it names. Among those that may come next
/// the one declared first does, so that a list in which nobody names anybody keeps its order.
struct StartOrder {
    /// One sibling, as far as order is concerned.
    struct Member {
        let name: String
        let after: [String]
    }

    /// The siblings' indices in the order they start; all of them, also when they wait for one another.
    private(set) var indices: [Int] = []
    /// Siblings that wait for one another, each list as a way from one back to itself: a, b, a.
    private(set) var cycles: [[String]] = []
    private let members: [Member]
    private var placed: Set<String> = []
    private let known: Set<String>

    init(_ members: [Member]) {
        self.members = members
        self.known = Set(members.map(\.name))
        guard members.contains(where: { !$0.after.isEmpty }) else {
            self.indices = Array(members.indices)
            return
        }
        var rest = Array(members.indices)
        while !rest.isEmpty {
            let next = rest.firstIndex { self.obstacle(members[$0]) == nil } ?? self.breakCycle(rest)
            let index = rest.remove(at: next)
            self.indices.append(index)
            self.placed.insert(members[index].name)
        }
    }

    /// A sibling that has to come before and has not come yet. Names that nobody has are another fault.
    private func obstacle(_ member: Member) -> String? {
        member.after.first { self.known.contains($0) && !self.placed.contains($0) }
    }

    /// Notes a cycle, which exists since everybody waits.
    ///
    /// - Returns: Where in `rest` the member stands that is placed nevertheless, so that other cycles are found, too.
    private mutating func breakCycle(_ rest: [Int]) -> Int {
        var way: [String] = []
        var current: String? = rest.first.map { self.members[$0].name }
        while let name = current, !way.contains(name) {
            way.append(name)
            current = self.members.first { $0.name == name }.flatMap { self.obstacle($0) }
        }
        guard let name = current, let start = way.firstIndex(of: name) else { return 0 }
        self.cycles.append(way[start...] + [name])
        return rest.firstIndex { self.members[$0].name == name } ?? 0
    }
}

extension SupervisorSpecification {
    /// Its children in the order they are started: ``children`` as declared, except that each comes after those that its
    /// ``ChildSpecification/after`` names. They are stopped in reverse.
    public var startOrder: [ChildSpecification] {
        StartOrder(self.children).indices.map { self.children[$0] }
    }
}

extension StartOrder {
    init(_ children: [ChildSpecification]) {
        self.init(children.map { Member(name: $0.name, after: $0.after) })
    }
}
