using Engine.Scoring.Audiences;

namespace Engine.Scoring.Queries;

/// <summary>
/// Which users a question is about: all, those of a saved audience, of an inline list, or of both at once.
/// </summary>
public class UserFilter
{
    /// <summary>
    /// A saved audience, met with the snapshot that is asked; null means every user. With an inline one, both count.
    /// </summary>
    public AudienceMembers? Audience { get; set; }

    /// <summary>The inline audience, when <see cref="HasAudience"/>.</summary>
    public List<string> AudienceUserIds { get; } = [];

    /// <summary>Whether a shard may answer for its own users alone.</summary>
    public bool AllowPartial { get; set; }

    /// <summary>Whether the inline audience counts; an empty one then means no user.</summary>
    public bool HasAudience { get; set; }
}
