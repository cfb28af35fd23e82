// SPDX-License-Identifier: Apache-2.0
// Exercised by WorkRouteTests.

internal import Automata
package import MatchCore

extension RuleEngine {
    /// What rule `index` holds of a key, or of some keys; see `MatchShard.heldKeys`.
    package func heldKeys(
        ofRule index: Int, _ texts: [String]?, atMost wanted: Int
    ) -> [HeldKey] {
        shard.heldKeys(ofRule: index, texts, atMost: wanted)
    }
}
