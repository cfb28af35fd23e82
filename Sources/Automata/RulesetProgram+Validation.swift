// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import RuleLanguage

extension RulesetProgram {
    /// Stops the process if the program could lead the engine out of bounds: a wrong match is worse
    /// than none. Called when a program is built.
    package func validate() {
        precondition(slotTable.count == memberships.count * fieldCount, "a row per incoming type")
        precondition(fields.count == fieldCount, "every field has a name")
        precondition(nameTable.count == memberships.count * fieldNames.count, "a row per type")
        for slot in slotTable + nameTable {
            precondition(Int(slot) < decodePlan.slotCount, "slots lie inside an event's row")
        }
        precondition(inputsByType.count == typeNames.count, "a list per event type")
        precondition(inputs.map(\.rules.count).reduce(0, +) == rules.count, "a rule has one input")
        for condition in conditions {
            precondition(condition.allSatisfy { predicates.indices.contains(Int($0)) }, "it exists")
        }
        for predicate in predicates { validate(predicate) }
        for index in rules.indices {
            if rules[index].model < 0 {
                rules[index].validate(in: self)
            } else {
                precondition(rules[Int(rules[index].model)].model < 0, "a model is like no other")
                rules[index].validateFilters(in: self)
            }
        }
        for (place, instruction) in code.enumerated() { validate(instruction, at: place) }
    }

    private func validate(_ predicate: Predicate) {
        switch predicate.test {
        case .atom(let atom):
            precondition((0..<fieldCount).contains(Int(atom.field)), "an atom's field exists")
            precondition(constants.indices.contains(Int(atom.constant)), "its constant exists")
        case .oneOf(let field, let numbers):
            precondition((0..<fieldCount).contains(Int(field)), "a list's field exists")
            precondition(numbers.allSatisfy { constants.indices.contains(Int($0)) }, "they exist")
        case .code(let range):
            precondition(range.start < range.end && Int(range.end) <= code.count, "code exists")
        }
    }

    private func validate(_ instruction: Instruction, at place: Int) {
        let rest = code.count - place - 1
        switch instruction {
        case .constant(let i): precondition(constants.indices.contains(Int(i)), "constant exists")
        case .field(let i): precondition((0..<fieldCount).contains(Int(i)), "field exists")
        case .fieldNamed(let i): precondition(fieldNames.indices.contains(Int(i)), "name exists")
        case .like(let i): precondition(likePatterns.indices.contains(Int(i)), "pattern exists")
        case .isInTable(let i): precondition(tables.indices.contains(Int(i)), "table exists")
        case .lookUp(let i, let column):
            precondition(tables.indices.contains(Int(i)), "table exists")
            precondition(
                tables[Int(i)].contents.columns.indices.contains(Int(column)), "column exists")
        case .matches(let i): precondition(regexes.indices.contains(Int(i)), "regex exists")
        case .previous(let i): precondition(previousTables.indices.contains(Int(i)), "table exists")
        case .bound(_, _, let n), .aggregate(_, _, _, let n), .jumpIfFalse(let n),
            .jumpIfTrue(let n), .jumpIfPresent(let n), .jumpUnlessTrue(let n), .jump(let n):
            precondition((0...rest).contains(Int(n)), "a jump stays inside the code")
        default: break
        }
    }
}

extension RuleProgram {
    func validate(in program: RulesetProgram) {
        precondition(!sequences.isEmpty && !sequences[0].lines.isEmpty, "a pattern has a line")
        precondition(routes.count <= 64, "routes fit one word of bits")
        for sequence in sequences {
            precondition(sequence.lines.upperBound <= lines.count, "lines exist")
            precondition(sequence.block >= RecordSize.header, "blocks lie behind the header")
            precondition(sequence.block + sequence.words <= recordWords, "blocks lie in the record")
            precondition(chainWords.contains(sequence.chain), "every chain is known")
        }
        validateFilters(in: program)
        if let resolution = alert.policy.resolution {
            precondition(filters.indices.contains(resolution.filter), "`resolve on` has a filter")
        }
        for line in lines { validate(line) }
        validateKeysFrom(in: program)
        window?.validate(in: self, program)
        for (index, step) in steps.enumerated() {
            precondition(step.id == index, "steps are in the order in which they are written")
        }
        for absence in absences + (leadingAbsence.map { [$0] } ?? []) {
            precondition(filters.indices.contains(absence.filter), "an absence has a filter")
            precondition(absence.duration != 0, "an absence lasts")
        }
    }

    /// What is left to validate of a rule whose program is another's else.
    func validateFilters(in program: RulesetProgram) {
        for filter in filters {
            precondition(routes.indices.contains(Int(filter.route)), "a filter has a route")
            precondition(Int(filter.type) < program.typeNames.count, "a filter's type exists")
            precondition(Int(filter.condition) < program.conditions.count, "its condition exists")
        }
    }

    private func validateKeysFrom(in program: RulesetProgram) {
        if keysFrom < 0 { return }
        precondition(program.tables.indices.contains(Int(keysFrom)), "the table of keys exists")
        precondition(keyNames.count == 1, "a table's key is of one part")
        precondition(leadingAbsence == nil && window == nil, "something begins with a key")
        guard case .step(let first) = lines[sequences[0].lines.lowerBound].kind else {
            preconditionFailure("a key stands for a step")
        }
        precondition(steps[first].maximum == 1, "a key stands for one event")
    }

    private func validate(_ line: Line) {
        for filter in line.butNo + line.butNotNext + line.until {
            precondition(filters.indices.contains(filter), "a guard has a filter")
        }
        for follower in line.followers {
            precondition(lines.indices.contains(follower), "it exists")
        }
        switch line.kind {
        case .step(let i):
            precondition(steps[i].minimum <= steps[i].maximum, "least count at most the most")
            precondition(steps[i].maximum >= 1, "a step can bind an event")
            precondition(filters.indices.contains(steps[i].filter), "a step has a filter")
            precondition(stepNames.indices.contains(steps[i].id), "a step has a name")
        case .group(let i):
            precondition(groups[i].minimum <= groups[i].maximum, "least count at most the most")
            precondition(sequences.indices.contains(groups[i].body), "a group has a body")
            precondition(groups[i].steps.upperBound <= steps.count, "a group's steps exist")
        case .allOf(let i), .anyOf(let i):
            precondition(!branches[i].sequences.isEmpty, "there is a branch")
        case .start:
            precondition(
                line.pendingAbsence >= 0 || line.entersNext >= 0, "a start leads to an absence")
        case .absence(let i): precondition(absences.indices.contains(i), "the absence exists")
        }
    }
}
