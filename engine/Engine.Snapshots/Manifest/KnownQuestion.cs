namespace Engine.Snapshots.Manifest;

/// <summary>What a known answer answers. The numbers are in files: never reuse one.</summary>
public enum KnownQuestion
{
    /// <summary>The top products of a user.</summary>
    User = 1,

    /// <summary>The top products of an unknown user who just purchased some products.</summary>
    Basket = 2,

    /// <summary>The products related to a product.</summary>
    Related = 3,

    /// <summary>Some users, by their scores for a product.</summary>
    Audience = 4,
}
