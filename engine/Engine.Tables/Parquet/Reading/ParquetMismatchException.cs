namespace Engine.Tables.Parquet.Reading;

/// <summary>
/// What was decoded is not what the file says of itself; the message continues "row group N of the column X ...".
/// </summary>
internal sealed class ParquetMismatchException(string message) : Exception(message);
