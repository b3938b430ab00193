namespace Engine.Snapshots.Writing;

/// <summary>The profiles of users, where a file stores them.</summary>
/// <param name="Weights">users x products: the weight of each user's behavior with each product.</param>
/// <param name="History">Element for element of <paramref name="Weights"/>: how much it brings similar ones in.</param>
/// <param name="Own">Element for element of <paramref name="Weights"/>: what it adds to that product's score.</param>
public sealed record ProfileContent(SparseContent Weights, float[] History, float[] Own);
