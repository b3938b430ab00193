using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Google.Protobuf;

namespace Engine.Server.Workspaces;

/// <summary>
/// Runs every kind of query on a model before it is served, and those that callers sent last. An
/// <see cref="InputException"/> rejects the snapshot. It comes from outside, because queries speak the contract.
/// </summary>
internal delegate void WarmUpQueries(ScoringModel model, WorkspaceCatalog catalog, IReadOnlyList<IMessage> recent);
