using Engine.Scoring.Models;
using Engine.Server.Catalog;

namespace Engine.Server.Workspaces;

/// <summary>
/// Runs every kind of query on a model before it is served. An <see cref="InputException"/> rejects the snapshot. It
/// comes from outside, because queries speak the contract.
/// </summary>
internal delegate void WarmUpQueries(ScoringModel model, WorkspaceCatalog catalog);
