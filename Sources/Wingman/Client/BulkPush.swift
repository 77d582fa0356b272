#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Client {
    /// How many jobs go to the store in one round trip (Sidekiq's `batch_size`).
    public static let bulkLimit = 1_000

    /// Pushes many jobs, 1,000 a round trip. The sequence is read as it is pushed, so it may be lazy and long.
    ///
    /// - Returns: The job IDs in order, nil where a middleware refused.
    /// - Throws: ``StoreError``: whole slices before the failing one have been pushed.
    @discardableResult
    public func push<Jobs: Sequence>(
        contentsOf jobs: Jobs,
        at date: Date? = nil,
        options: JobOptions? = nil
    ) async throws -> [String?] where Jobs.Element: Job {
        try await self.pushSlices(of: jobs, at: date) { job in try Draft(job, options: options) }
    }

    /// Pushes many jobs of another program's class, one JSON array of arguments each.
    @discardableResult
    public func push<Arguments: Sequence>(
        class jobClass: String,
        argumentsJSON: Arguments,
        options: JobOptions = JobOptions(),
        at date: Date? = nil
    ) async throws -> [String?] where Arguments.Element: StringProtocol {
        try await self.pushSlices(of: argumentsJSON, at: date) { arguments in
            try Draft(jobClass: jobClass, arguments: Array(arguments.utf8), options: options)
        }
    }

    private func pushSlices<Elements: Sequence>(
        of elements: Elements,
        at date: Date?,
        draft: (Elements.Element) throws -> Draft
    ) async throws -> [String?] {
        var ids: [String?] = []
        var iterator = elements.makeIterator()
        var slice: [Draft] = []
        slice.reserveCapacity(Self.bulkLimit)
        while true {
            slice.removeAll(keepingCapacity: true)
            while slice.count < Self.bulkLimit, let element = iterator.next() {
                slice.append(try draft(element))
            }
            if slice.isEmpty { return ids }
            ids += try await self.send(slice, runAt: Self.runAt(date))
        }
    }
}
