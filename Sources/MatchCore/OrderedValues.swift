// SPDX-License-Identifier: Apache-2.0
// Order statistics of many small sets in one array: treaps whose nodes know how many are below
// them. Source: R. Seidel, C. Aragon, "Randomized Search Trees", Algorithmica 16, 1996. The
// priorities come from a counter, so that there is no randomness; what is read depends on the
// values alone. Exercised by WindowStructureTests.

/// Sets of floats, each with duplicates; a set is the node at its root, -1 for the empty one.
///
/// - Shape: 24 bytes a value; inserting, removing and finding the kth are O(log n).
struct OrderedValues: ~Copyable {
    struct Node {
        var value: Double
        var left: Int32 = -1
        /// Of nodes that are free, the next free one.
        var right: Int32 = -1
        var count: Int32 = 1
        var priority: UInt32
    }

    private var nodes = RowArray<Node>()
    private var free: Int32 = -1
    private var counter: UInt64 = 0
    private(set) var total = 0

    func count(_ root: Int32) -> Int { root < 0 ? 0 : Int(nodes[Int(root)].count) }

    mutating func insert(_ value: Double, in root: inout Int32) {
        root = insert(newNode(value), in: root)
    }

    private mutating func newNode(_ value: Double) -> Int32 {
        total += 1
        counter &+= 0x9e37_79b9_7f4a_7c15
        let mixed = (counter ^ counter >> 30) &* 0xbf58_476d_1ce4_e5b9
        let node = Node(value: value, priority: UInt32(truncatingIfNeeded: mixed >> 32))
        if free >= 0 {
            let reused = free
            free = nodes[Int(reused)].right
            nodes[Int(reused)] = node
            return reused
        }
        nodes.append(node)
        return Int32(nodes.count - 1)
    }

    private mutating func insert(_ node: Int32, in root: Int32) -> Int32 {
        if root < 0 { return node }
        let value = nodes[Int(node)].value
        if nodes[Int(node)].priority > nodes[Int(root)].priority {
            let (left, right) = split(root, at: value)
            nodes[Int(node)].left = left
            nodes[Int(node)].right = right
            countAgain(node)
            return node
        }
        if value < nodes[Int(root)].value {
            nodes[Int(root)].left = insert(node, in: nodes[Int(root)].left)
        } else {
            nodes[Int(root)].right = insert(node, in: nodes[Int(root)].right)
        }
        nodes[Int(root)].count += 1
        return root
    }

    private mutating func countAgain(_ node: Int32) {
        let sides = count(nodes[Int(node)].left) + count(nodes[Int(node)].right)
        nodes[Int(node)].count = Int32(sides + 1)
    }

    /// What is less than `value`, and the rest.
    private mutating func split(_ root: Int32, at value: Double) -> (Int32, Int32) {
        if root < 0 { return (-1, -1) }
        if nodes[Int(root)].value < value {
            let (middle, right) = split(nodes[Int(root)].right, at: value)
            nodes[Int(root)].right = middle
            countAgain(root)
            return (root, right)
        }
        let (left, middle) = split(nodes[Int(root)].left, at: value)
        nodes[Int(root)].left = middle
        countAgain(root)
        return (left, root)
    }

    /// Takes one value out that is there.
    mutating func remove(_ value: Double, from root: inout Int32) {
        root = remove(value, below: root)
    }

    private mutating func remove(_ value: Double, below root: Int32) -> Int32 {
        assert(root >= 0, "what is taken out is there")
        if root < 0 { return root }
        let node = nodes[Int(root)]
        if node.value == value {
            giveBack(root)
            return merge(node.left, node.right)
        }
        if value < node.value {
            nodes[Int(root)].left = remove(value, below: node.left)
        } else {
            nodes[Int(root)].right = remove(value, below: node.right)
        }
        nodes[Int(root)].count -= 1
        return root
    }

    private mutating func merge(_ a: Int32, _ b: Int32) -> Int32 {
        if a < 0 || b < 0 { return max(a, b) }
        if nodes[Int(a)].priority > nodes[Int(b)].priority {
            nodes[Int(a)].right = merge(nodes[Int(a)].right, b)
            countAgain(a)
            return a
        }
        nodes[Int(b)].left = merge(a, nodes[Int(b)].left)
        countAgain(b)
        return b
    }

    private mutating func giveBack(_ node: Int32) {
        total -= 1
        nodes[Int(node)].right = free
        free = node
    }

    /// Gives all of a set back.
    mutating func removeAll(_ root: inout Int32) {
        var stack = root < 0 ? [] : [root]
        while let node = stack.popLast() {
            let (left, right) = (nodes[Int(node)].left, nodes[Int(node)].right)
            if left >= 0 { stack.append(left) }
            if right >= 0 { stack.append(right) }
            giveBack(node)
        }
        root = -1
    }

    /// The value of a rank, from 0; there is one.
    func value(at rank: Int, of root: Int32) -> Double {
        var rank = rank
        var node = root
        while true {
            let left = nodes[Int(node)].left
            let below = count(left)
            if rank == below { return nodes[Int(node)].value }
            if rank < below {
                node = left
            } else {
                rank -= below + 1
                node = nodes[Int(node)].right
            }
        }
    }
}
