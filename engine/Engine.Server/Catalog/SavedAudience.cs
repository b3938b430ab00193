namespace Engine.Server.Catalog;

/// <summary>What is said of an audience without reading its ids.</summary>
/// <param name="Name">Case-sensitive; unique in its workspace.</param>
/// <param name="IdentityType">The kind of user id, as in the dataset.</param>
/// <param name="Source">How it came about, in words.</param>
/// <param name="UserCount">Distinct ids.</param>
internal sealed record SavedAudience(string Name, string IdentityType, string Source, long UserCount);
