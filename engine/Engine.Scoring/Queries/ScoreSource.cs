namespace Engine.Scoring.Queries;

/// <summary>Where the scores of an answer come from.</summary>
public enum ScoreSource
{
    /// <summary>Nothing was scored.</summary>
    None,

    /// <summary>A known user.</summary>
    User,

    /// <summary>Recent behavior alone.</summary>
    Recent,

    /// <summary>A known user's history with recent behavior.</summary>
    UserAndRecent,

    /// <summary>Number of purchasers in the scope year.</summary>
    Popularity,

    /// <summary>The mean member of an audience.</summary>
    Audience,
}
