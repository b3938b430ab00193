namespace Engine.Server.Catalog;

/// <summary>The description of an audience, without its ids.</summary>
/// <param name="Name">Case-sensitive; unique in its workspace.</param>
/// <param name="IdentityType">The kind of user id, as in the dataset.</param>
/// <param name="Source">How it was created, in words.</param>
/// <param name="UserCount">Distinct ids.</param>
internal sealed record SavedAudience(string Name, string IdentityType, string Source, long UserCount);
