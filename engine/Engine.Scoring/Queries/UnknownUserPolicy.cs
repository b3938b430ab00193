using Engine.Scoring.Ids;

namespace Engine.Scoring.Queries;

/// <summary>What to do with a user that the snapshot does not know.</summary>
public enum UnknownUserPolicy
{
    /// <summary><see cref="UnknownIdException"/>.</summary>
    Error,

    /// <summary>An empty answer.</summary>
    Empty,

    /// <summary>The eligible products by number of purchasers.</summary>
    PopularInPool,
}
